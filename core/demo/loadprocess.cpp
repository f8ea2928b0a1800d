// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/demo/loadprocess.h"

#include "core/base/log.h"
#include "core/demo/filelock.h"

#include <QProcess>

#include <csignal>
#include <thread>

namespace tidemark::demo {

using namespace std::chrono_literals;

LoadProcess::LoadProcess(QString folder)
    : m_folder(std::move(folder))
{
}

QString LoadProcess::lock() const
{
    return m_folder + QLatin1String("/load.pid");
}

std::optional<qint64> LoadProcess::pid() const
{
    return FileLock::holder(lock());
}

Status LoadProcess::start(const LoadCommand &command) const
{
    const QString log = m_folder + QLatin1String("/load.log");
    QProcess process;
    process.setProgram(command.first());
    process.setArguments(command.mid(1));
    process.setWorkingDirectory(QStringLiteral("/"));
    process.setStandardInputFile(QProcess::nullDevice());
    process.setStandardOutputFile(QProcess::nullDevice());
    process.setStandardErrorFile(log, QIODevice::Append);
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("TIDEMARK_DEMO_DIR"), m_folder);
    process.setProcessEnvironment(environment);
    if (!process.startDetached())
        return fail(Error::local(QStringLiteral("the live load could not be started: %1").arg(process.errorString())));
    for (int i = 0; i < 100; ++i) {
        if (this->pid())
            return {};
        std::this_thread::sleep_for(50ms);
    }
    return fail(Error::local(QStringLiteral("the live load did not begin within 5 s"),
                             QStringLiteral("See what it says in %1.").arg(log)));
}

Status LoadProcess::stop() const
{
    const auto pid = this->pid();
    if (!pid)
        return {};
    ::kill(static_cast<pid_t>(*pid), SIGTERM);
    for (int i = 0; i < 100; ++i) {
        if (!this->pid())
            return {};
        if (i == 80) {
            qCWarning(logDemo) << "the live load did not end within 8 s of being asked; it is killed, pid" << *pid;
            ::kill(static_cast<pid_t>(*pid), SIGKILL);
        }
        std::this_thread::sleep_for(100ms);
    }
    return fail(Error::local(QStringLiteral("the live load (pid %1) does not end").arg(*pid)));
}

} // namespace tidemark::demo
