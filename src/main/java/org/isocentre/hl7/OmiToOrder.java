package org.isocentre.hl7;

import java.util.List;
import org.isocentre.model.MessageStored;
import org.isocentre.model.OrderRequest;

/**
 * OMI^O23 to orders, one for each ORC/OBR group. Its first IPC says accession number and study (HL7
 * v2 §4.4.10); each is a scheduled procedure step.
 */
public final class OmiToOrder {
  private final OrderFields fields;

  public OmiToOrder(MappingRules rules) {
    this.fields = new OrderFields(rules);
  }

  public List<OrderRequest> map(Hl7Message message, MessageStored event) {
    return fields.orders(message, event);
  }
}
