"""The vocabulary of HTTP that handlers, console and edge share: requests, responses, problem details. No framework."""
