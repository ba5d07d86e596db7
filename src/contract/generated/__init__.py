# Made from openapi/data-storage-v1.yaml by `make generate`: change that, not this.
"""Types of the contract."""

#: Of the contract that was validated in full, and that these types were made of.
CONTRACT_SHA256 = "c329fe3759dfa2ca81323346c4b95edd3654b57a83c302736c22ce52097e0532"
