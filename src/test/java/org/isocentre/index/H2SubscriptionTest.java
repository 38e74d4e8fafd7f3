package org.isocentre.index;

import javax.sql.DataSource;

class H2SubscriptionTest extends SubscriptionContract {
  @Override
  DataSource database() {
    return new H2IndexTest().database();
  }
}
