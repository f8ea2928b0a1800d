// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/secrets/secretstore.h"

namespace tidemark::test {

/// Secrets that end with the object. Answers through the event loop, as the keychain does.
[[nodiscard]] std::unique_ptr<SecretStore> memorySecretStore();

/// Keeps nothing and gives nothing away, as a keychain that is locked.
[[nodiscard]] std::unique_ptr<SecretStore> lockedSecretStore();

} // namespace tidemark::test
