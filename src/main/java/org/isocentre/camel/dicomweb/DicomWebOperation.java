package org.isocentre.camel.dicomweb;

/** What a producer does. */
public enum DicomWebOperation {
  /** STOW-RS of the body, a Part 10 file (PS3.18 §10.5). */
  store,
  /** QIDO-RS; the body is what is looked for, and becomes an iterator of data sets (§10.6). */
  search,
  /** WADO-RS of metadata: the body becomes an iterator of data sets (§10.4.1.1.2). */
  metadata,
  /**
   * WADO-RS: the body becomes an iterator of Part 10 files (§10.4.1.1.1). Each is read when its
   * turn comes, and is there until the exchange is done.
   */
  retrieve,
  /** WADO-RS of a picture or document, which becomes the body (§10.4.1.1.3). */
  rendered
}
