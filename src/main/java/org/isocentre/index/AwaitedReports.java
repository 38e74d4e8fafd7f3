package org.isocentre.index;

import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Studies that got no object for a while and have no report yet. A report that is only registered,
 * was withdrawn or says no status is none.
 */
public final class AwaitedReports {
  private static final String AWAITING =
      """
       s.last_received_at < :before and not exists (select 1 from report_study t join report r on r.id = t.report_id
        where t.study_id = s.id
          and r.status in ('partial', 'preliminary', 'final', 'amended', 'corrected', 'appended'))""";

  private final JdbcClient jdbc;
  private final Duration after;
  private final Clock clock;

  /**
   * @param after how long after its last object a study's report is awaited
   */
  public AwaitedReports(JdbcClient jdbc, Duration after, Clock clock) {
    this.jdbc = jdbc;
    this.after = after;
    this.clock = clock;
  }

  /** Which of these studies await their report. */
  public Set<UUID> among(Collection<UUID> studyIds) {
    return studyIds.isEmpty()
        ? Set.of()
        : Set.copyOf(
            jdbc.sql("select s.id from study s where s.id in (:ids) and " + AWAITING)
                .param("ids", studyIds)
                .param("before", before())
                .query(UUID.class)
                .list());
  }

  /** Ids of the studies that await their report, longest waiting first. */
  public List<UUID> list(PageRequest page) {
    return jdbc.sql(
            "select s.id from study s where "
                + AWAITING
                + " order by s.last_received_at, s.id offset :offset rows fetch next :limit rows only")
        .param("before", before())
        .param("offset", page.offset())
        .param("limit", page.limit())
        .query(UUID.class)
        .list();
  }

  public int count() {
    return jdbc.sql("select count(*) from study s where " + AWAITING)
        .param("before", before())
        .query(Integer.class)
        .single();
  }

  private java.time.OffsetDateTime before() {
    return Rows.utc(clock.instant().minus(after));
  }
}
