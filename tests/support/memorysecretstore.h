// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/secrets/secretstore.h"

namespace tidemark::test {

/// Secrets that end with the object. Answers through the event loop, as the keychain does.
[[nodiscard]] std::unique_ptr<SecretStore> memorySecretStore();

} // namespace tidemark::test
