package org.isocentre.query;

import javax.sql.DataSource;

class H2ServicesTest extends ServicesContract {
  @Override
  DataSource database() {
    return Databases.h2();
  }
}
