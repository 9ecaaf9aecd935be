"""The behaviour that programs written for Loguru rely on."""
