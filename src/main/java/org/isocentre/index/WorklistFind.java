package org.isocentre.index;

import java.util.List;

/**
 * One query for what is still to be done.
 *
 * @param custodian ODS code of the trust whose orders are looked at
 * @param anyStation whether an order that names no station is for each of them; else no query finds
 *     it
 * @param end what else takes an order off
 * @param matches conditions
 * @param limit rows at most
 */
public record WorklistFind(
    String custodian, boolean anyStation, WorklistEnd end, List<Match> matches, int limit) {
  public WorklistFind {
    matches = List.copyOf(matches);
  }

  BoundSql sql() {
    BoundSql sql = new BoundSql().add("select 1");
    for (WorklistField field : WorklistField.values()) {
      sql.add(", " + field.select());
    }
    // An order with several steps has a row for each of them.
    sql.add(" from imaging_order o left join order_step st on st.order_id = o.id")
        .add(" where o.custodian = ?", custodian)
        .add(" and o.status = 'ACTIVE' and (o.step_status = 'SCHEDULED' and o.steps = 0")
        .add(" or o.step_status in ('SCHEDULED', 'STARTED') and st.status = 'SCHEDULED')")
        .add(end.stillToBeDone());
    if (!anyStation) {
      // Type 1 of a worklist item (PS3.4 Table K.6-1): without one it is nobody's.
      sql.add(" and " + WorklistField.STATION_AE_TITLE.match() + " is not null");
    }
    MatchSql conditions = new MatchSql(sql);
    for (Match match : matches) {
      boolean open = anyStation && match.field() == WorklistField.STATION_AE_TITLE;
      sql.add(open ? " and (" + WorklistField.STATION_AE_TITLE.match() + " is null or " : " and (");
      conditions.write(match);
      sql.add(")");
    }
    return sql.add(" order by coalesce(o.scheduled_start, o.requested_at), o.id, st.position")
        .add(" fetch first " + limit + " rows only");
  }
}
