package org.isocentre.query;

import javax.sql.DataSource;

class H2OrderStepsTest extends OrderStepsContract {
  @Override
  DataSource database() {
    return Databases.h2();
  }
}
