# Deploys a release of deleted-secret-notifier: its template and the zips of its functions go to a private bucket, from
# which CloudFormation takes them. The stack is the same as by the other ways to deploy, so that every command knows it.

terraform {
  required_version = ">= 1.5" # OpenTofu: >= 1.6
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "release" {
  description = "The directory of the unpacked release, with template.json and the functions' zips."
  type        = string
}

variable "stage" {
  description = "What tells several stacks of an account and Region apart. The commands take it as --stage."
  type        = string
  default     = "dev"

  validation {
    condition     = can(regex("^[A-Za-z0-9-]{1,25}$", var.stage))
    error_message = "Expected the stage to be 1 to 25 letters, digits or hyphens."
  }
}

variable "parameters" {
  description = "Parameters of the template, such as AlertEmail. What there is, and what each means, stands in template.json."
  type        = map(string)
}

locals {
  template  = jsondecode(file("${var.release}/template.json"))
  functions = { for id, resource in local.template.Resources : id => resource if resource.Type == "AWS::Lambda::Function" }
  unknown   = setsubtract(keys(var.parameters), keys(local.template.Parameters))
  required  = [for name, parameter in local.template.Parameters : name if !can(parameter.Default)]
  missing   = setsubtract(local.required, keys(var.parameters))
}

# The first that is made, so that nothing is before the parameters are known to be right.
resource "aws_s3_bucket" "release" {
  bucket_prefix = "deleted-secret-notifier-"

  lifecycle {
    precondition {
      condition     = length(local.unknown) == 0
      error_message = "Expected parameters of ${var.release}/template.json, got ${join(", ", local.unknown)}. There are: ${join(", ", keys(local.template.Parameters))}."
    }
    precondition {
      condition     = length(local.missing) == 0
      error_message = "Expected a value for each parameter without a default, got none for ${join(", ", local.missing)}. An empty one has to be given as \"\"."
    }
  }
}

resource "aws_s3_bucket_public_access_block" "release" {
  bucket                  = aws_s3_bucket.release.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

# A key says what is in the object, so that CloudFormation sees which functions have changed. What the stack was deployed
# from stays until it is updated, so that an update that fails can be rolled back.
resource "aws_s3_object" "code" {
  for_each = local.functions

  bucket = aws_s3_bucket.release.id
  key    = "${filesha256("${var.release}/${each.value.Properties.Code}")}.zip"
  source = "${var.release}/${each.value.Properties.Code}"

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  packaged = jsonencode(merge(local.template, {
    Resources = merge(local.template.Resources, {
      for id, function in local.functions : id => merge(function, {
        Properties = merge(function.Properties, {
          Code = { S3Bucket = aws_s3_bucket.release.id, S3Key = aws_s3_object.code[id].key }
        })
      })
    })
  }))
}

resource "aws_s3_object" "template" {
  bucket       = aws_s3_bucket.release.id
  key          = "${sha256(local.packaged)}.json"
  content      = local.packaged
  content_type = "application/json"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudformation_stack" "notifier" {
  name         = "deleted-secret-notifier-${var.stage}"
  template_url = "https://${aws_s3_bucket.release.bucket_regional_domain_name}/${aws_s3_object.template.key}"
  parameters   = var.parameters
  capabilities = ["CAPABILITY_IAM"]
}

output "stack" {
  description = "The stack's outputs: the topic, the functions, the table."
  value       = aws_cloudformation_stack.notifier.outputs
}
