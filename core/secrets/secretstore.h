// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <functional>
#include <memory>

namespace tidemark {

/// Where passwords live: the desktop's keychain (Secret Service through QtKeychain), never a file of ours. Calls are
/// asynchronous because the keychain may ask its user; `done` runs on the thread that asked, which needs an event loop.
/// Where no keychain runs, read() answers Missing and write() Unsupported, and the caller asks the user each time or
/// leaves it to .pgpass.
class SecretStore
{
public:
    virtual ~SecretStore() = default;
    virtual void read(const QString &profile, std::function<void(Result<QString>)> done) = 0;
    virtual void write(const QString &profile, const QString &secret, std::function<void(Status)> done) = 0;
    virtual void remove(const QString &profile, std::function<void(Status)> done) = 0;
};

/// The keychain of the desktop.
[[nodiscard]] std::unique_ptr<SecretStore> keychainSecretStore();

} // namespace tidemark
