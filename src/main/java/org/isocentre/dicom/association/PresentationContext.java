package org.isocentre.dicom.association;

/**
 * An accepted presentation context (PS3.8 §7.1.1.13).
 *
 * @param id odd, 1 to 255
 * @param abstractSyntax SOP class UID
 * @param transferSyntax the one transfer syntax UID that both ends agreed on
 */
public record PresentationContext(int id, String abstractSyntax, String transferSyntax) {}
