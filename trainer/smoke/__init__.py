"""What an image must be able to do before a run trusts it with devices, tried without any."""
