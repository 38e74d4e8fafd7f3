/**
 * Changes to data sets by rule: coercion (PS3.4 §B.4.1.3) and de-identification (PS3.15 Annex E).
 */
package org.isocentre.dicom.edit;
