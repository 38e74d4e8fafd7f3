package org.isocentre.index;

import javax.sql.DataSource;

class H2IdentityDecisionsTest extends IdentityDecisionsContract {
  @Override
  DataSource database() {
    return new H2IndexTest().database();
  }
}
