"""What programs written for Loguru rely on."""
