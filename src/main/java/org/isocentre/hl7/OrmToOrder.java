package org.isocentre.hl7;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.isocentre.model.MessageStored;
import org.isocentre.model.OrderRequest;

/** ORM^O01 to orders, one for each ORC/OBR group. */
public final class OrmToOrder {
  private final OrderFields fields;

  /**
   * @param issuers ODS code of an assigning authority, facility or organisation
   */
  public OrmToOrder(Function<String, Optional<String>> issuers) {
    this(new MappingRules(issuers));
  }

  public OrmToOrder(MappingRules rules) {
    this.fields = new OrderFields(rules);
  }

  public List<OrderRequest> map(Hl7Message message, MessageStored event) {
    return fields.orders(message, event);
  }
}
