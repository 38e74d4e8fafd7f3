package org.isocentre.index;

import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Which trusts have a reason to be told of something: they asked for it, it is theirs, or they hold
 * a copy. Nobody else has one.
 */
public final class DisclosureReasons {
  private static final String FAMILY =
      "select id from patient where id = :id union select id from patient where merged_into = :id and merge_confirmed";

  private final JdbcClient jdbc;

  public DisclosureReasons(JdbcClient jdbc) {
    this.jdbc = jdbc;
  }

  /** ODS codes: whose order it is, and who asked for it. */
  public Set<String> ofOrder(UUID orderId) {
    return codes(
        """
        select custodian as code from imaging_order where id = :id
        union select referring_organisation from imaging_order where id = :id""",
        orderId);
  }

  /** ODS codes: who asked for it, whose its order and studies are, who holds a copy of these. */
  public Set<String> ofReport(UUID reportId) {
    return codes(
        """
        select o.referring_organisation as code from report r join imaging_order o on o.id = r.order_id where r.id = :id
        union select o.custodian from report r join imaging_order o on o.id = r.order_id where r.id = :id
        union select s.custodian from report_study a join study s on s.id = a.study_id where a.report_id = :id
        union select t.destination from report_study a join transfer t on t.study_id = a.study_id
          where a.report_id = :id and exists
            (select 1 from transfer_item i where i.transfer_id = t.id and i.state = 'CONFIRMED')""",
        reportId);
  }

  /**
   * ODS codes: who has or asked for an order, a study or a report of the patient, or holds a copy.
   * What was filed under records that were absorbed counts once people have confirmed it. An order
   * that was entered in error gives no reason.
   */
  public Set<String> ofPatient(UUID patientId) {
    return codes(
        """
        select custodian as code from imaging_order where patient_id in (%1$s) and status <> 'ENTERED_IN_ERROR'
        union select referring_organisation from imaging_order where patient_id in (%1$s) and status <> 'ENTERED_IN_ERROR'
        union select custodian from study where patient_id in (%1$s)
        union select custodian from report where patient_id in (%1$s)
        union select t.destination from study s join transfer t on t.study_id = s.id where s.patient_id in (%1$s) and exists
            (select 1 from transfer_item i where i.transfer_id = t.id and i.state = 'CONFIRMED')"""
            .formatted(FAMILY),
        patientId);
  }

  private Set<String> codes(String sql, UUID id) {
    Set<String> codes =
        new TreeSet<>(
            jdbc.sql("select code from (" + sql + ") reasons where code is not null")
                .param("id", id)
                .query(String.class)
                .list());
    return codes;
  }
}
