package org.isocentre.model;

import java.time.Instant;

/**
 * Rows of the audit trail that were sealed together.
 *
 * @param number from 1; 0 is the beginning of the chain, with no row
 * @param entries rows
 * @param firstAt of its oldest row, or null
 * @param lastAt of its newest row, or null
 * @param previous hash of the block before
 * @param hash of its number, {@code previous} and its rows; SHA-256, 64 hexadecimal digits
 */
public record AuditBlock(
    long number, int entries, Instant firstAt, Instant lastAt, String previous, String hash) {}
