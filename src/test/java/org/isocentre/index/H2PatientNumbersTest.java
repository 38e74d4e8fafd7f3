package org.isocentre.index;

import javax.sql.DataSource;

class H2PatientNumbersTest extends PatientNumbersContract {
  @Override
  DataSource database() {
    return new H2IndexTest().database();
  }
}
