"""What guards the way in: personal data is masked; attacks and requests for harm are stopped, however spelt."""
