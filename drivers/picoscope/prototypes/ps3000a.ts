/** Functions of the ps3000a library: PicoScope 3204A to 3406D. */

/** C declarations without the prefix `ps3000a`; every function returns PICO_STATUS. See {@linkcode foreignSymbols}. */
export const PS3000A_PROTOTYPES = `
OpenUnit(int16_t *handle, int8_t *serial)
OpenUnitAsync(int16_t *status, int8_t *serial)
OpenUnitProgress(int16_t *handle, int16_t *progressPercent, int16_t *complete)
CloseUnit(int16_t handle)
GetUnitInfo(int16_t handle, int8_t *string, int16_t stringLength, int16_t *requiredSize, PICO_INFO info)
EnumerateUnits(int16_t *count, int8_t *serials, int16_t *serialLth)
PingUnit(int16_t handle)
FlashLed(int16_t handle, int16_t start)
Stop(int16_t handle)
ChangePowerSource(int16_t handle, PICO_STATUS powerState)
CurrentPowerSource(int16_t handle)
MaximumValue(int16_t handle, int16_t *value)
MinimumValue(int16_t handle, int16_t *value)
SetChannel(int16_t handle, PS3000A_CHANNEL channel, int16_t enabled, PS3000A_COUPLING type, PS3000A_RANGE range,
  float analogOffset)
SetBandwidthFilter(int16_t handle, PS3000A_CHANNEL channel, PS3000A_BANDWIDTH_LIMITER bandwidth)
GetTimebase(int16_t handle, uint32_t timebase, int32_t noSamples, int32_t *timeIntervalNanoseconds,
  int16_t oversample, int32_t *maxSamples, uint32_t segmentIndex)
GetTimebase2(int16_t handle, uint32_t timebase, int32_t noSamples, float *timeIntervalNanoseconds,
  int16_t oversample, int32_t *maxSamples, uint32_t segmentIndex)
MemorySegments(int16_t handle, uint32_t nSegments, int32_t *nMaxSamples)
GetMaxSegments(int16_t handle, uint32_t *maxSegments)
SetNoOfCaptures(int16_t handle, uint32_t nCaptures)
GetNoOfCaptures(int16_t handle, uint32_t *nCaptures)
GetNoOfProcessedCaptures(int16_t handle, uint32_t *nProcessedCaptures)
SetSimpleTrigger(int16_t handle, int16_t enable, PS3000A_CHANNEL source, int16_t threshold,
  PS3000A_THRESHOLD_DIRECTION direction, uint32_t delay, int16_t autoTrigger_ms)
SetTriggerChannelProperties(int16_t handle, PS3000A_TRIGGER_CHANNEL_PROPERTIES *channelProperties,
  int16_t nChannelProperties, int16_t auxOutputEnable, int32_t autoTriggerMilliseconds)
SetTriggerChannelConditions(int16_t handle, PS3000A_TRIGGER_CONDITIONS *conditions, int16_t nConditions)
SetTriggerChannelConditionsV2(int16_t handle, PS3000A_TRIGGER_CONDITIONS_V2 *conditions, int16_t nConditions)
SetTriggerChannelDirections(int16_t handle, PS3000A_THRESHOLD_DIRECTION channelA,
  PS3000A_THRESHOLD_DIRECTION channelB, PS3000A_THRESHOLD_DIRECTION channelC, PS3000A_THRESHOLD_DIRECTION channelD,
  PS3000A_THRESHOLD_DIRECTION ext, PS3000A_THRESHOLD_DIRECTION aux)
SetTriggerDelay(int16_t handle, uint32_t delay)
SetDataBuffer(int16_t handle, PS3000A_CHANNEL channelOrPort, int16_t *buffer, int32_t bufferLth,
  uint32_t segmentIndex, PS3000A_RATIO_MODE mode)
SetDataBuffers(int16_t handle, PS3000A_CHANNEL channelOrPort, int16_t *bufferMax, int16_t *bufferMin,
  int32_t bufferLth, uint32_t segmentIndex, PS3000A_RATIO_MODE mode)
RunBlock(int16_t handle, int32_t noOfPreTriggerSamples, int32_t noOfPostTriggerSamples, uint32_t timebase,
  int16_t oversample, int32_t *timeIndisposedMs, uint32_t segmentIndex, ps3000aBlockReady lpReady, void *pParameter)
IsReady(int16_t handle, int16_t *ready)
GetValues(int16_t handle, uint32_t startIndex, uint32_t *noOfSamples, uint32_t downSampleRatio,
  PS3000A_RATIO_MODE downSampleRatioMode, uint32_t segmentIndex, int16_t *overflow)
GetValuesBulk(int16_t handle, uint32_t *noOfSamples, uint32_t fromSegmentIndex, uint32_t toSegmentIndex,
  uint32_t downSampleRatio, PS3000A_RATIO_MODE downSampleRatioMode, int16_t *overflow)
GetValuesAsync(int16_t handle, uint32_t startIndex, uint32_t noOfSamples, uint32_t downSampleRatio,
  PS3000A_RATIO_MODE downSampleRatioMode, uint32_t segmentIndex, void *lpDataReady, void *pParameter)
GetValuesOverlapped(int16_t handle, uint32_t startIndex, uint32_t *noOfSamples, uint32_t downSampleRatio,
  PS3000A_RATIO_MODE downSampleRatioMode, uint32_t segmentIndex, int16_t *overflow)
GetValuesOverlappedBulk(int16_t handle, uint32_t startIndex, uint32_t *noOfSamples, uint32_t downSampleRatio,
  PS3000A_RATIO_MODE downSampleRatioMode, uint32_t fromSegmentIndex, uint32_t toSegmentIndex, int16_t *overflow)
GetTriggerInfoBulk(int16_t handle, PS3000A_TRIGGER_INFO *triggerInfo, uint32_t fromSegmentIndex,
  uint32_t toSegmentIndex)
GetTriggerTimeOffset(int16_t handle, uint32_t *timeUpper, uint32_t *timeLower, PS3000A_TIME_UNITS *timeUnits,
  uint32_t segmentIndex)
GetTriggerTimeOffset64(int16_t handle, int64_t *time, PS3000A_TIME_UNITS *timeUnits, uint32_t segmentIndex)
GetValuesTriggerTimeOffsetBulk(int16_t handle, uint32_t *timesUpper, uint32_t *timesLower,
  PS3000A_TIME_UNITS *timeUnits, uint32_t fromSegmentIndex, uint32_t toSegmentIndex)
GetValuesTriggerTimeOffsetBulk64(int16_t handle, int64_t *times, PS3000A_TIME_UNITS *timeUnits,
  uint32_t fromSegmentIndex, uint32_t toSegmentIndex)
RunStreaming(int16_t handle, uint32_t *sampleInterval, PS3000A_TIME_UNITS sampleIntervalTimeUnits,
  uint32_t maxPreTriggerSamples, uint32_t maxPostTriggerSamples, int16_t autoStop, uint32_t downSampleRatio,
  PS3000A_RATIO_MODE downSampleRatioMode, uint32_t overviewBufferSize)
GetStreamingLatestValues(int16_t handle, ps3000aStreamingReady lpPs3000aReady, void *pParameter)
NoOfStreamingValues(int16_t handle, uint32_t *noOfValues)
SetSigGenBuiltIn(int16_t handle, int32_t offsetVoltage, uint32_t pkToPk, int16_t waveType, float startFrequency,
  float stopFrequency, float increment, float dwellTime, PS3000A_SWEEP_TYPE sweepType,
  PS3000A_EXTRA_OPERATIONS operation, uint32_t shots, uint32_t sweeps, PS3000A_SIGGEN_TRIG_TYPE triggerType,
  PS3000A_SIGGEN_TRIG_SOURCE triggerSource, int16_t extInThreshold)
SetSigGenBuiltInV2(int16_t handle, int32_t offsetVoltage, uint32_t pkToPk, int16_t waveType, double startFrequency,
  double stopFrequency, double increment, double dwellTime, PS3000A_SWEEP_TYPE sweepType,
  PS3000A_EXTRA_OPERATIONS operation, uint32_t shots, uint32_t sweeps, PS3000A_SIGGEN_TRIG_TYPE triggerType,
  PS3000A_SIGGEN_TRIG_SOURCE triggerSource, int16_t extInThreshold)
SigGenSoftwareControl(int16_t handle, int16_t state)
GetAnalogueOffset(int16_t handle, PS3000A_RANGE range, PS3000A_COUPLING coupling, float *maximumVoltage,
  float *minimumVoltage)
GetChannelInformation(int16_t handle, PS3000A_CHANNEL_INFO info, int32_t probe, int32_t *ranges, int32_t *length,
  int32_t channels)
GetScalingValues(int16_t handle, PS3000A_SCALING_FACTORS_VALUES *scalingValues, int16_t nChannels)
IsTriggerOrPulseWidthQualifierEnabled(int16_t handle, int16_t *triggerEnabled, int16_t *pulseWidthQualifierEnabled)
GetMaxDownSampleRatio(int16_t handle, uint32_t noOfUnaggreatedSamples, uint32_t *maxDownSampleRatio,
  PS3000A_RATIO_MODE downSampleRatioMode, uint32_t segmentIndex)
`;
