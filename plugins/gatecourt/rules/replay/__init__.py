"""A run done again by what its log says of it, and its database made again from log and backup."""
