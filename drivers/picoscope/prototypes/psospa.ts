/** Functions of the psospa library: PicoScope 3000E and later. */

/** C declarations without the prefix `psospa`; every function returns PICO_STATUS. See {@linkcode foreignSymbols}. */
export const PSOSPA_PROTOTYPES = `
OpenUnit(int16_t *handle, int8_t *serial, PICO_DEVICE_RESOLUTION resolution, PICO_USB_POWER_DETAILS *powerDetails)
CloseUnit(int16_t handle)
GetUnitInfo(int16_t handle, int8_t *string, int16_t stringLength, int16_t *requiredSize, PICO_INFO info)
EnumerateUnits(int16_t *count, int8_t *serials, int16_t *serialLth)
PingUnit(int16_t handle)
Stop(int16_t handle)
SetDeviceResolution(int16_t handle, PICO_DEVICE_RESOLUTION resolution)
GetDeviceResolution(int16_t handle, PICO_DEVICE_RESOLUTION *resolution)
GetAdcLimits(int16_t handle, PICO_DEVICE_RESOLUTION resolution, int16_t *minValue, int16_t *maxValue)
SetChannelOn(int16_t handle, PICO_CHANNEL channel, PICO_COUPLING coupling, int64_t rangeMin, int64_t rangeMax,
  PICO_PROBE_RANGE_INFO rangeType, double analogueOffset, PICO_BANDWIDTH_LIMITER bandwidth)
SetChannelOff(int16_t handle, PICO_CHANNEL channel)
GetTimebase(int16_t handle, uint32_t timebase, uint64_t noSamples, double *timeIntervalNanoseconds,
  uint64_t *maxSamples, uint64_t segmentIndex)
GetMinimumTimebaseStateless(int16_t handle, PICO_CHANNEL_FLAGS enabledChannelFlags, uint32_t *timebase,
  double *timeInterval, PICO_DEVICE_RESOLUTION resolution)
NearestSampleIntervalStateless(int16_t handle, PICO_CHANNEL_FLAGS enabledChannelFlags, double timeIntervalRequested,
  uint8_t roundFaster, PICO_DEVICE_RESOLUTION resolution, uint32_t *timebase, double *timeIntervalAvailable)
MemorySegments(int16_t handle, uint64_t nSegments, uint64_t *nMaxSamples)
MemorySegmentsBySamples(int16_t handle, uint64_t nSamples, uint64_t *nMaxSegments)
SetNoOfCaptures(int16_t handle, uint64_t nCaptures)
GetNoOfCaptures(int16_t handle, uint64_t *nCaptures)
GetNoOfProcessedCaptures(int16_t handle, uint64_t *nProcessedCaptures)
SetSimpleTrigger(int16_t handle, int16_t enable, PICO_CHANNEL source, int16_t threshold,
  PICO_THRESHOLD_DIRECTION direction, uint64_t delay, uint32_t autoTriggerMicroSeconds)
SetTriggerChannelProperties(int16_t handle, PICO_TRIGGER_CHANNEL_PROPERTIES *channelProperties,
  int16_t nChannelProperties, uint32_t autoTriggerMicroSeconds)
SetTriggerChannelConditions(int16_t handle, PICO_CONDITION *conditions, int16_t nConditions, PICO_ACTION action)
SetTriggerChannelDirections(int16_t handle, PICO_DIRECTION *directions, int16_t nDirections)
SetTriggerDelay(int16_t handle, uint64_t delay)
SetDataBuffer(int16_t handle, PICO_CHANNEL channel, void *buffer, uint64_t nSamples, PICO_DATA_TYPE dataType,
  uint64_t waveform, PICO_RATIO_MODE mode, PICO_ACTION action)
SetDataBuffers(int16_t handle, PICO_CHANNEL channel, void *bufferMax, void *bufferMin, uint64_t nSamples,
  PICO_DATA_TYPE dataType, uint64_t waveform, PICO_RATIO_MODE mode, PICO_ACTION action)
RunBlock(int16_t handle, uint64_t noOfPreTriggerSamples, uint64_t noOfPostTriggerSamples, uint32_t timebase,
  double *timeIndisposedMs, uint64_t segmentIndex, psospaBlockReady lpReady, void *pParameter)
IsReady(int16_t handle, int16_t *ready)
GetValues(int16_t handle, uint64_t startIndex, uint64_t *noOfSamples, uint64_t downSampleRatio,
  PICO_RATIO_MODE downSampleRatioMode, uint64_t segmentIndex, int16_t *overflow)
GetValuesBulk(int16_t handle, uint64_t startIndex, uint64_t *noOfSamples, uint64_t fromSegmentIndex,
  uint64_t toSegmentIndex, uint64_t downSampleRatio, PICO_RATIO_MODE downSampleRatioMode, int16_t *overflow)
GetValuesAsync(int16_t handle, uint64_t startIndex, uint64_t noOfSamples, uint64_t downSampleRatio,
  PICO_RATIO_MODE downSampleRatioMode, uint64_t segmentIndex, void *lpDataReady, void *pParameter)
GetValuesOverlapped(int16_t handle, uint64_t startIndex, uint64_t *noOfSamples, uint64_t downSampleRatio,
  PICO_RATIO_MODE downSampleRatioMode, uint64_t fromSegmentIndex, uint64_t toSegmentIndex, int16_t *overflow)
StopUsingGetValuesOverlapped(int16_t handle)
GetTriggerInfo(int16_t handle, PICO_TRIGGER_INFO *triggerInfo, uint64_t firstSegmentIndex, uint64_t segmentCount)
GetTriggerTimeOffset(int16_t handle, int64_t *time, PICO_TIME_UNITS *timeUnits, uint64_t segmentIndex)
GetValuesTriggerTimeOffsetBulk(int16_t handle, int64_t *times, PICO_TIME_UNITS *timeUnits,
  uint64_t fromSegmentIndex, uint64_t toSegmentIndex)
RunStreaming(int16_t handle, double *sampleInterval, PICO_TIME_UNITS sampleIntervalTimeUnits,
  uint64_t maxPreTriggerSamples, uint64_t maxPostTriggerSamples, int16_t autoStop, uint64_t downSampleRatio,
  PICO_RATIO_MODE downSampleRatioMode)
GetStreamingLatestValues(int16_t handle, PICO_STREAMING_DATA_INFO *streamingDataInfo, uint64_t nStreamingDataInfos,
  PICO_STREAMING_DATA_TRIGGER_INFO *triggerInfo)
NoOfStreamingValues(int16_t handle, uint64_t *noOfValues)
SigGenWaveform(int16_t handle, PICO_WAVE_TYPE waveType, int16_t *buffer, uint64_t bufferLength)
SigGenRange(int16_t handle, double peakToPeakVolts, double offsetVolts)
SigGenFrequency(int16_t handle, double frequencyHz)
SigGenFrequencySweep(int16_t handle, double stopFrequencyHz, double frequencyIncrement, double dwellTimeSeconds,
  PICO_SWEEP_TYPE sweepType)
SigGenTrigger(int16_t handle, PICO_SIGGEN_TRIG_TYPE triggerType, PICO_SIGGEN_TRIG_SOURCE triggerSource,
  uint64_t cycles, uint64_t autoTriggerPicoSeconds)
SigGenApply(int16_t handle, int16_t sigGenEnabled, int16_t sweepEnabled, int16_t triggerEnabled, double *frequency,
  double *stopFrequency, double *frequencyIncrement, double *dwellTime)
GetAnalogueOffsetLimits(int16_t handle, int64_t rangeMin, int64_t rangeMax, PICO_PROBE_RANGE_INFO rangeType,
  PICO_COUPLING coupling, double *maximumVoltage, double *minimumVoltage)
GetScalingValues(int16_t handle, PICO_SCALING_FACTORS_FOR_RANGE_TYPES_VALUES *scalingValues, int16_t nChannels)
`;
