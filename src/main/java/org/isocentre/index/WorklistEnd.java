package org.isocentre.index;

/**
 * What takes an order off the worklist besides the modality's performed step and the order's own
 * status. Looked up as the worklist is asked for, so it holds as long as its reason does: a link
 * that is undone, or a report that is withdrawn, puts the order back.
 */
public enum WorklistEnd {
  /**
   * A linked study that is complete, if no modality has told of a performed step; or a report, as
   * below. Where a modality has told of one that was discontinued, the study is what came of that.
   * Of an order with several steps, a study ends those that are of it and of a modality that it
   * has.
   */
  STUDY,
  /** A final, amended, corrected or appended report of the order, or of a linked study. */
  REPORT,
  /** Nothing. */
  MPPS;

  private static final String NO_COMPLETE_STUDY =
      """
       and not (case when st.order_id is null then o.step_mpps_uid else st.mpps_uid end is null
         and exists (select 1 from study_link l join study s on s.id = l.study_id
           where l.order_id = o.id and s.completed_at is not null and (st.order_id is null
             or (s.study_instance_uid = %s or st.study_instance_uid is null and st.worklist_study_uid is null)
               and (st.modality is null or exists
                 (select 1 from series r where r.study_id = s.id and r.modality = st.modality)))))"""
          .formatted(OrderSteps.SHOWN_STUDY);

  private static final String NO_REPORT =
      """
       and not exists (select 1 from report p where p.order_id = o.id and p.status in (%1$s))
       and not exists (select 1 from study_link l join report_study t on t.study_id = l.study_id
         join report p on p.id = t.report_id where l.order_id = o.id and p.status in (%1$s))"""
          .formatted("'final', 'amended', 'corrected', 'appended'");

  /** A condition on an order {@code o}: it is still to be done. */
  String stillToBeDone() {
    return switch (this) {
      case STUDY -> NO_COMPLETE_STUDY + NO_REPORT;
      case REPORT -> NO_REPORT;
      case MPPS -> "";
    };
  }
}
