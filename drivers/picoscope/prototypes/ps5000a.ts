/** Functions of the ps5000a library: PicoScope 5242A to 5444D. */

/** C declarations without the prefix `ps5000a`; every function returns PICO_STATUS. See {@linkcode foreignSymbols}. */
export const PS5000A_PROTOTYPES = `
OpenUnit(int16_t *handle, int8_t *serial, PS5000A_DEVICE_RESOLUTION resolution)
OpenUnitAsync(int16_t *status, int8_t *serial, PS5000A_DEVICE_RESOLUTION resolution)
OpenUnitProgress(int16_t *handle, int16_t *progressPercent, int16_t *complete)
CloseUnit(int16_t handle)
GetUnitInfo(int16_t handle, int8_t *string, int16_t stringLength, int16_t *requiredSize, PICO_INFO info)
EnumerateUnits(int16_t *count, int8_t *serials, int16_t *serialLth)
PingUnit(int16_t handle)
FlashLed(int16_t handle, int16_t start)
Stop(int16_t handle)
ChangePowerSource(int16_t handle, PICO_STATUS powerState)
CurrentPowerSource(int16_t handle)
SetDeviceResolution(int16_t handle, PS5000A_DEVICE_RESOLUTION resolution)
GetDeviceResolution(int16_t handle, PS5000A_DEVICE_RESOLUTION *resolution)
MaximumValue(int16_t handle, int16_t *value)
MinimumValue(int16_t handle, int16_t *value)
SetChannel(int16_t handle, PS5000A_CHANNEL channel, int16_t enabled, PS5000A_COUPLING type, PS5000A_RANGE range,
  float analogOffset)
SetBandwidthFilter(int16_t handle, PS5000A_CHANNEL channel, PS5000A_BANDWIDTH_LIMITER bandwidth)
GetTimebase(int16_t handle, uint32_t timebase, int32_t noSamples, int32_t *timeIntervalNanoseconds,
  int32_t *maxSamples, uint32_t segmentIndex)
GetTimebase2(int16_t handle, uint32_t timebase, int32_t noSamples, float *timeIntervalNanoseconds,
  int32_t *maxSamples, uint32_t segmentIndex)
GetMinimumTimebaseStateless(int16_t handle, PS5000A_CHANNEL_FLAGS enabledChannelOrPortFlags, uint32_t *timebase,
  double *timeInterval, PS5000A_DEVICE_RESOLUTION resolution)
NearestSampleIntervalStateless(int16_t handle, PS5000A_CHANNEL_FLAGS enabledChannelOrPortFlags,
  double timeIntervalRequested, PS5000A_DEVICE_RESOLUTION resolution, uint16_t useEts, uint32_t *timebase,
  double *timeIntervalAvailable)
MemorySegments(int16_t handle, uint32_t nSegments, int32_t *nMaxSamples)
GetMaxSegments(int16_t handle, uint32_t *maxSegments)
SetNoOfCaptures(int16_t handle, uint32_t nCaptures)
GetNoOfCaptures(int16_t handle, uint32_t *nCaptures)
GetNoOfProcessedCaptures(int16_t handle, uint32_t *nProcessedCaptures)
SetSimpleTrigger(int16_t handle, int16_t enable, PS5000A_CHANNEL channel, int16_t threshold,
  PS5000A_THRESHOLD_DIRECTION direction, uint32_t delay, int16_t autoTrigger_ms)
SetTriggerChannelProperties(int16_t handle, PS5000A_TRIGGER_CHANNEL_PROPERTIES *channelProperties,
  int16_t nChannelProperties, int16_t auxOutputEnable, int32_t autoTriggerMilliseconds)
SetTriggerChannelPropertiesV2(int16_t handle, PS5000A_TRIGGER_CHANNEL_PROPERTIES_V2 *channelProperties,
  int16_t nChannelProperties, int16_t auxOutputEnable)
SetAutoTriggerMicroSeconds(int16_t handle, uint64_t autoTriggerMicroseconds)
SetTriggerChannelConditions(int16_t handle, PS5000A_TRIGGER_CONDITIONS *conditions, int16_t nConditions)
SetTriggerChannelConditionsV2(int16_t handle, PS5000A_CONDITION *conditions, int16_t nConditions,
  PS5000A_CONDITIONS_INFO info)
SetTriggerChannelDirections(int16_t handle, PS5000A_THRESHOLD_DIRECTION channelA,
  PS5000A_THRESHOLD_DIRECTION channelB, PS5000A_THRESHOLD_DIRECTION channelC, PS5000A_THRESHOLD_DIRECTION channelD,
  PS5000A_THRESHOLD_DIRECTION ext, PS5000A_THRESHOLD_DIRECTION aux)
SetTriggerChannelDirectionsV2(int16_t handle, PS5000A_DIRECTION *directions, uint16_t nDirections)
SetTriggerDelay(int16_t handle, uint32_t delay)
SetDataBuffer(int16_t handle, PS5000A_CHANNEL source, int16_t *buffer, int32_t bufferLth, uint32_t segmentIndex,
  PS5000A_RATIO_MODE mode)
SetDataBuffers(int16_t handle, PS5000A_CHANNEL source, int16_t *bufferMax, int16_t *bufferMin, int32_t bufferLth,
  uint32_t segmentIndex, PS5000A_RATIO_MODE mode)
RunBlock(int16_t handle, int32_t noOfPreTriggerSamples, int32_t noOfPostTriggerSamples, uint32_t timebase,
  int32_t *timeIndisposedMs, uint32_t segmentIndex, ps5000aBlockReady lpReady, void *pParameter)
IsReady(int16_t handle, int16_t *ready)
GetValues(int16_t handle, uint32_t startIndex, uint32_t *noOfSamples, uint32_t downSampleRatio,
  PS5000A_RATIO_MODE downSampleRatioMode, uint32_t segmentIndex, int16_t *overflow)
GetValuesBulk(int16_t handle, uint32_t *noOfSamples, uint32_t fromSegmentIndex, uint32_t toSegmentIndex,
  uint32_t downSampleRatio, PS5000A_RATIO_MODE downSampleRatioMode, int16_t *overflow)
GetValuesAsync(int16_t handle, uint32_t startIndex, uint32_t noOfSamples, uint32_t downSampleRatio,
  PS5000A_RATIO_MODE downSampleRatioMode, uint32_t segmentIndex, void *lpDataReady, void *pParameter)
GetValuesOverlapped(int16_t handle, uint32_t startIndex, uint32_t *noOfSamples, uint32_t downSampleRatio,
  PS5000A_RATIO_MODE downSampleRatioMode, uint32_t segmentIndex, int16_t *overflow)
GetValuesOverlappedBulk(int16_t handle, uint32_t startIndex, uint32_t *noOfSamples, uint32_t downSampleRatio,
  PS5000A_RATIO_MODE downSampleRatioMode, uint32_t fromSegmentIndex, uint32_t toSegmentIndex, int16_t *overflow)
GetTriggerInfoBulk(int16_t handle, PS5000A_TRIGGER_INFO *triggerInfo, uint32_t fromSegmentIndex,
  uint32_t toSegmentIndex)
GetTriggerTimeOffset(int16_t handle, uint32_t *timeUpper, uint32_t *timeLower, PS5000A_TIME_UNITS *timeUnits,
  uint32_t segmentIndex)
GetTriggerTimeOffset64(int16_t handle, int64_t *time, PS5000A_TIME_UNITS *timeUnits, uint32_t segmentIndex)
GetValuesTriggerTimeOffsetBulk(int16_t handle, uint32_t *timesUpper, uint32_t *timesLower,
  PS5000A_TIME_UNITS *timeUnits, uint32_t fromSegmentIndex, uint32_t toSegmentIndex)
GetValuesTriggerTimeOffsetBulk64(int16_t handle, int64_t *times, PS5000A_TIME_UNITS *timeUnits,
  uint32_t fromSegmentIndex, uint32_t toSegmentIndex)
RunStreaming(int16_t handle, uint32_t *sampleInterval, PS5000A_TIME_UNITS sampleIntervalTimeUnits,
  uint32_t maxPreTriggerSamples, uint32_t maxPostTriggerSamples, int16_t autoStop, uint32_t downSampleRatio,
  PS5000A_RATIO_MODE downSampleRatioMode, uint32_t overviewBufferSize)
GetStreamingLatestValues(int16_t handle, ps5000aStreamingReady lpPs5000aReady, void *pParameter)
NoOfStreamingValues(int16_t handle, uint32_t *noOfValues)
SetSigGenBuiltIn(int16_t handle, int32_t offsetVoltage, uint32_t pkToPk, PS5000A_WAVE_TYPE waveType,
  float startFrequency, float stopFrequency, float increment, float dwellTime, PS5000A_SWEEP_TYPE sweepType,
  PS5000A_EXTRA_OPERATIONS operation, uint32_t shots, uint32_t sweeps, PS5000A_SIGGEN_TRIG_TYPE triggerType,
  PS5000A_SIGGEN_TRIG_SOURCE triggerSource, int16_t extInThreshold)
SetSigGenBuiltInV2(int16_t handle, int32_t offsetVoltage, uint32_t pkToPk, PS5000A_WAVE_TYPE waveType,
  double startFrequency, double stopFrequency, double increment, double dwellTime, PS5000A_SWEEP_TYPE sweepType,
  PS5000A_EXTRA_OPERATIONS operation, uint32_t shots, uint32_t sweeps, PS5000A_SIGGEN_TRIG_TYPE triggerType,
  PS5000A_SIGGEN_TRIG_SOURCE triggerSource, int16_t extInThreshold)
SigGenSoftwareControl(int16_t handle, int16_t state)
GetAnalogueOffset(int16_t handle, PS5000A_RANGE range, PS5000A_COUPLING coupling, float *maximumVoltage,
  float *minimumVoltage)
GetChannelInformation(int16_t handle, PS5000A_CHANNEL_INFO info, int32_t probe, int32_t *ranges, int32_t *length,
  int32_t channels)
GetScalingValues(int16_t handle, PS5000A_SCALING_FACTORS_VALUES *scalingValues, int16_t nChannels)
IsTriggerOrPulseWidthQualifierEnabled(int16_t handle, int16_t *triggerEnabled, int16_t *pulseWidthQualifierEnabled)
GetMaxDownSampleRatio(int16_t handle, uint32_t noOfUnaggreatedSamples, uint32_t *maxDownSampleRatio,
  PS5000A_RATIO_MODE downSampleRatioMode, uint32_t segmentIndex)
`;
