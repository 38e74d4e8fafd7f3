package org.isocentre.index;

import javax.sql.DataSource;

class H2OutboundTest extends OutboundContract {
  @Override
  DataSource database() {
    return new H2IndexTest().database();
  }
}
