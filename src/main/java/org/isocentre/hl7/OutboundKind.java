package org.isocentre.hl7;

/** Messages that the hub sends, by what a destination asks for. */
public enum OutboundKind {
  /** A31 demographics changed, A40 numbers merged, A24 linked, A37 parted again. */
  ADT,
  /** O01 order status. */
  ORM,
  /** O23 order status of imaging, from version 2.5. */
  OMI,
  /** R01 result. */
  ORU,
  /** T02, T10, T11 a result as a document. */
  MDM
}
