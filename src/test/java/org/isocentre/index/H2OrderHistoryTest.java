package org.isocentre.index;

import javax.sql.DataSource;

class H2OrderHistoryTest extends OrderHistoryContract {
  @Override
  DataSource database() {
    return new H2IndexTest().database();
  }
}
