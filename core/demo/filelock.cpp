// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/filelock.h"

#include <QFile>

#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace tidemark::demo {

namespace {

Error systemError(const QString &what, const QString &path)
{
    return Error::local(QStringLiteral("%1 %2: %3").arg(what, path, QString::fromLocal8Bit(std::strerror(errno))));
}

} // namespace

FileLock::FileLock(int descriptor)
    : m_descriptor(descriptor)
{
}

FileLock::FileLock(FileLock &&other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

FileLock &FileLock::operator=(FileLock &&other) noexcept
{
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

FileLock::~FileLock()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

Result<std::optional<FileLock>> FileLock::tryTakeFile(const QString &path)
{
    // Close-on-exec everywhere: a server started later must not inherit the lock.
    FileLock lock(::open(QFile::encodeName(path).constData(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (lock.m_descriptor < 0)
        return fail(systemError(QStringLiteral("cannot open"), path));
    if (::flock(lock.m_descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            return std::nullopt;
        return fail(systemError(QStringLiteral("cannot lock"), path));
    }
    const QByteArray pid = QByteArray::number(static_cast<qint64>(::getpid())) + '\n';
    if (::ftruncate(lock.m_descriptor, 0) != 0
        || ::write(lock.m_descriptor, pid.constData(), static_cast<size_t>(pid.size())) != pid.size())
        return fail(systemError(QStringLiteral("cannot write"), path));
    return std::optional<FileLock>(std::move(lock));
}

Result<FileLock> FileLock::takeFolder(const QString &path, std::chrono::milliseconds patience)
{
    FileLock lock(::open(QFile::encodeName(path).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (lock.m_descriptor < 0)
        return fail(systemError(QStringLiteral("cannot open"), path));
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (::flock(lock.m_descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return fail(systemError(QStringLiteral("cannot lock"), path));
        if (std::chrono::steady_clock::now() >= deadline) {
            return fail(Error::local(QStringLiteral("another process is working on the demo in %1").arg(path),
                                     QStringLiteral("Wait until it has finished, then try again.")));
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return lock;
}

std::optional<qint64> FileLock::holder(const QString &path)
{
    const FileLock probe(::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC));
    if (probe.m_descriptor < 0 || ::flock(probe.m_descriptor, LOCK_SH | LOCK_NB) == 0)
        return std::nullopt;
    char text[32] = {};
    if (::read(probe.m_descriptor, text, sizeof text - 1) <= 0)
        return std::nullopt;
    return QByteArray(text).trimmed().toLongLong();
}

} // namespace tidemark::demo
