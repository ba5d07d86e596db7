"""The contract as Python types. `generated` is made from openapi/data-storage-v1.yaml by `make generate`."""
