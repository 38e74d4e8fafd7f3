package org.isocentre.model;

import java.util.Arrays;
import java.util.Optional;

/** What subscribers may be told of (Subscriptions R5 Backport, SubscriptionTopic). */
public enum SubscriptionTopic {
  /** No object of a study has come for a while. */
  IMAGING_STUDY_AVAILABLE("imaging-study-available", "ImagingStudy"),
  /** A report is final, or was changed after it was. */
  REPORT_ISSUED("report-issued", "DiagnosticReport"),
  /** All of a study has arrived at another organisation. */
  TRANSFER_COMPLETED("transfer-completed", "Task");

  private static final String BASE = "https://isocentre.org/fhir/SubscriptionTopic/";
  private final String code;
  private final String type;

  SubscriptionTopic(String code, String type) {
    this.code = code;
    this.type = type;
  }

  public String code() {
    return code;
  }

  /** Type of the resource that its events are about. */
  public String type() {
    return type;
  }

  public String canonical() {
    return BASE + code;
  }

  /** By canonical URL or code. */
  public static Optional<SubscriptionTopic> of(String name) {
    return Arrays.stream(values())
        .filter(t -> t.code.equals(name) || t.canonical().equals(name))
        .findFirst();
  }

  /** The one whose events are about a type. */
  public static Optional<SubscriptionTopic> ofType(String type) {
    return Arrays.stream(values()).filter(t -> t.type.equals(type)).findFirst();
  }
}
