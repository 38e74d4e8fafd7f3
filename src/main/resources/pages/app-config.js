// Settings of the OHIF viewer: this hub's DICOMweb alone, by the session of the browser.
const dicomWeb = window.location.origin + '/dicomweb';

window.config = {
  name: 'isocentre',
  routerBasename: '/',
  extensions: [],
  modes: [],
  customizationService: [{ 'ohif.tours': { $set: [] } }],
  // On a phone the picture has the room; the list of series opens by its handle.
  modesConfiguration: {
    '@ohif/mode-longitudinal': {
      routes: { 0: { layoutInstance: { props: { leftPanelClosed: { $set: window.innerWidth < 700 } } } } },
    },
  },
  showStudyList: false,
  maxNumberOfWebWorkers: 3,
  showWarningMessageForCrossOrigin: false,
  showCPUFallbackMessage: true,
  showLoadingIndicator: true,
  strictZSpacingForVolumeViewport: true,
  investigationalUseDialog: { option: 'never' },
  maxNumRequests: { interaction: 20, thumbnail: 6, prefetch: 6 },
  showErrorDetails: 'dev',
  defaultDataSourceName: 'isocentre',
  dataSources: [
    {
      namespace: '@ohif/extension-default.dataSourcesModule.dicomweb',
      sourceName: 'isocentre',
      configuration: {
        friendlyName: 'Isocentre',
        name: 'isocentre',
        wadoUriRoot: dicomWeb + '/wado',
        qidoRoot: dicomWeb,
        wadoRoot: dicomWeb,
        qidoSupportsIncludeField: true,
        supportsReject: false,
        supportsStow: false,
        dicomUploadEnabled: false,
        imageRendering: 'wadors',
        thumbnailRendering: 'thumbnail',
        enableStudyLazyLoad: true,
        supportsFuzzyMatching: true,
        supportsWildcard: true,
        singlepart: 'bulkdata,pdf',
        bulkDataURI: { enabled: true },
      },
    },
  ],
};
