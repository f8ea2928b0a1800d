// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"

#include <QString>

#include <chrono>
#include <optional>

namespace tidemark::demo {

/// An advisory lock (flock) on a file or folder that ends with the process, however it ends, so that no stale pid file
/// can mislead. A locked file carries its holder's pid. Move-only; any thread.
class FileLock
{
public:
    /// Takes the lock on a file, which is made when missing and given this process's pid. Nothing when another holds it.
    [[nodiscard]] static Result<std::optional<FileLock>> tryTakeFile(const QString &path);
    /// Takes the lock on an existing folder, waiting as long as another holds it, at most `patience`.
    [[nodiscard]] static Result<FileLock> takeFolder(const QString &path, std::chrono::milliseconds patience);
    /// The process that holds the lock on a file now.
    [[nodiscard]] static std::optional<qint64> holder(const QString &path);

    FileLock(FileLock &&other) noexcept;
    FileLock &operator=(FileLock &&other) noexcept;
    ~FileLock();

private:
    explicit FileLock(int descriptor);
    int m_descriptor = -1;
};

} // namespace tidemark::demo
