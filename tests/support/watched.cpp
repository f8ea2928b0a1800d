// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/watched.h"

#include "tests/support/testserver.h"

#include <QElapsedTimer>

namespace tidemark::test {

Watched::Watched(const pg::ConnInfo &info, Collectors collectors, Millis interval)
    : m_ticker(info, std::move(collectors), m_clock, QStringLiteral("tidemark-test"))
    , m_interval(interval)
{
}

void Watched::tick()
{
    const Status ticked = m_ticker.tick(m_interval);
    QVERIFY_RESULT(ticked);
    const auto &errors = m_ticker.snapshot()->errors;
    QVERIFY2(errors.isEmpty(), errors.isEmpty() ? "" : qPrintable(errors.first().summary()));
}

void Watched::tick(int times)
{
    for (int i = 0; i < times && !QTest::currentTestFailed(); ++i)
        tick();
}

bool Watched::tickUntil(const std::function<bool()> &condition, Millis time)
{
    QElapsedTimer elapsed;
    elapsed.start();
    while (!QTest::currentTestFailed()) {
        tick();
        if (condition())
            return true;
        if (elapsed.elapsed() > time.count())
            return false;
        QTest::qSleep(static_cast<int>(m_interval.count()));
    }
    return false;
}

const Refreshable &Watched::view(const QString &name) const
{
    for (const Refreshable &refreshable : m_ticker.snapshot()->freshness->refreshables) {
        if (refreshable.name.name == name)
            return refreshable;
    }
    qFatal("no view %s on the board", qUtf8Printable(name));
}

} // namespace tidemark::test
