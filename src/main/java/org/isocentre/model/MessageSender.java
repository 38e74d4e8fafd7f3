package org.isocentre.model;

/**
 * A system that sends HL7 v2, as the trust directory knows it.
 *
 * @param odsCode of the trust that it belongs to
 * @param enhanced whether MSH-15 and MSH-16 are obeyed; if not, it is always answered in original
 *     mode
 */
public record MessageSender(String odsCode, boolean enhanced) {}
