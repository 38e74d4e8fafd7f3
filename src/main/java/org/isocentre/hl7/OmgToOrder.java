package org.isocentre.hl7;

import java.util.List;
import org.isocentre.model.MessageStored;
import org.isocentre.model.OrderRequest;

/**
 * OMG^O19 to orders, one for each ORC/OBR group; previous results that are sent along (HL7 v2
 * §4.4.4) are none.
 */
public final class OmgToOrder {
  private final OrderFields fields;

  public OmgToOrder(MappingRules rules) {
    this.fields = new OrderFields(rules);
  }

  public List<OrderRequest> map(Hl7Message message, MessageStored event) {
    return fields.orders(message, event);
  }
}
