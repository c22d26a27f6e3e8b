// In this order: what needs the same settings shares a deployment.
import './scenarios/deployment.ts';
