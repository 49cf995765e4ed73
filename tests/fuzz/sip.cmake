# SPDX-License-Identifier: Apache-2.0
cw_fuzz(sip_message gateway-sip gateway)
cw_fuzz(sip_framing gateway-core gateway)
cw_fuzz(sip_header gateway-core gateway)
cw_fuzz(translation gateway-sip gateway)
if(TARGET fuzz_translation)
  target_include_directories(fuzz_translation PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit)
  target_sources(fuzz_translation PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit/translation_property.c)
endif()
