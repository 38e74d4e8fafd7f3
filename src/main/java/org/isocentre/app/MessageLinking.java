package org.isocentre.app;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.isocentre.index.LinkIndex;
import org.isocentre.index.OrderIndex;
import org.isocentre.link.ReportLinker;
import org.isocentre.link.StudyOrderLinker;
import org.isocentre.model.OrderChanged;
import org.isocentre.model.StudyChanged;

/**
 * What follows from filed messages: orders and appointments, studies and reports find each other.
 * Looks at what others have committed, so it is called after the commit of what was filed: of two
 * that come at the same moment, at least the later one sees the other. Idempotent.
 */
public final class MessageLinking {
  private final OrderIndex orders;
  private final LinkIndex links;
  private final ReportLinker reports;
  private final StudyOrderLinker studies;

  MessageLinking(
      OrderIndex orders, LinkIndex links, ReportLinker reports, StudyOrderLinker studies) {
    this.orders = orders;
    this.links = links;
    this.reports = reports;
    this.studies = studies;
  }

  /**
   * @return the studies whose links may have changed
   */
  List<StudyChanged> link(List<MessageFiling.Filed> filed) {
    List<StudyChanged> touched = linkOrders(ids(filed, MessageFiling.ORDER));
    ids(filed, MessageFiling.REPORT).forEach(reports::reportChanged);
    return touched;
  }

  /**
   * As {@link #link}, of an order that did not come as a message.
   *
   * @return the studies whose links may have changed
   */
  public List<StudyChanged> written(OrderChanged event) {
    return linkOrders(List.of(event.orderId()));
  }

  private List<StudyChanged> linkOrders(Collection<UUID> changed) {
    orders.scheduleAnew(changed);
    List<StudyChanged> touched = new ArrayList<>();
    for (UUID order : links.ordersToLink(changed)) {
      reports.orderChanged(order);
      touched.addAll(studies.orderChanged(new OrderChanged(order)));
    }
    return touched;
  }

  private static List<UUID> ids(List<MessageFiling.Filed> filed, String type) {
    return filed.stream().flatMap(f -> f.ids(type).stream()).distinct().toList();
  }
}
