// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/testdatabase.h"

#include "core/pg/qualifiedname.h"
#include "tests/support/testserver.h"

#include <QUuid>

#include <unistd.h>

namespace tidemark::test {

namespace {

pg::Session mustOpen(const pg::ConnInfo &info, const pg::SessionOptions &options)
{
    auto session = pg::Session::open(info, options);
    if (!session)
        qFatal("%s", describe(session.error()).constData());
    return std::move(*session);
}

pg::CallOptions patient()
{
    pg::CallOptions call;
    call.deadline = std::chrono::minutes(2);
    return call;
}

} // namespace

pg::SessionOptions writable()
{
    pg::SessionOptions options;
    options.applicationName = QStringLiteral("tidemark test");
    options.readOnly = false;
    options.lockTimeout = Millis(60'000);
    options.statementTimeout = Millis(0);
    options.idleInTransactionTimeout = Millis(0);
    options.connectTimeout = Millis(20'000);
    return options;
}

TestDatabase::TestDatabase(const QString &server, const QString &name)
    : TestDatabase(test::server(server), name)
{
}

TestDatabase::TestDatabase(const pg::ConnInfo &superuser, const QString &name)
    : m_superuser(superuser)
    , m_name(name.isEmpty()
                 ? QStringLiteral("test_%1_%2").arg(getpid()).arg(QUuid::createUuid().toString(QUuid::Id128).left(8))
                 : name)
{
    pg::Session session = mustOpen(m_superuser, writable());
    const auto made = session.exec("CREATE DATABASE " + pg::quoteIdentifier(m_name).toUtf8(), {}, patient());
    if (!made)
        qFatal("%s", describe(made.error()).constData());
}

TestDatabase::~TestDatabase()
{
    m_session.reset();
    auto opened = pg::Session::open(m_superuser, writable());
    if (!opened) { // of a private cluster that the test has killed
        qWarning("%s", describe(opened.error()).constData());
        return;
    }
    pg::Session &session = *opened;
    const QByteArray quoted = pg::quoteIdentifier(m_name).toUtf8();
    const bool canForce = session.serverVersion() >= 130000;
    if (!canForce)
        static_cast<void>(session.exec("SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity "
                                       "WHERE datname = $1 AND pid <> pg_catalog.pg_backend_pid()",
                                       {m_name}));
    const auto dropped = session.exec("DROP DATABASE IF EXISTS " + quoted + (canForce ? " WITH (FORCE)" : ""), {},
                                      patient());
    if (!dropped)
        qWarning("%s", describe(dropped.error()).constData());
}

pg::Session TestDatabase::open(const pg::SessionOptions &options) const
{
    return mustOpen(conn(), options);
}

pg::Session &TestDatabase::session()
{
    if (!m_session || !m_session->isAlive()) {
        m_session = open();
        static_cast<void>(m_session->exec("SET search_path = public"));
    }
    return *m_session;
}

pg::ResultSet TestDatabase::exec(const QByteArray &sql)
{
    auto result = session().execScript(sql, patient());
    if (!result) {
        QTest::qFail(describe(result.error()).constData(), __FILE__, __LINE__);
        return {};
    }
    return std::move(*result);
}

QString TestDatabase::value(const QByteArray &sql, const pg::Params &params)
{
    const auto result = session().exec(sql, params, patient());
    if (!result || result->isEmpty()) {
        const QByteArray why = result ? "no row from " + sql : describe(result.error());
        QTest::qFail(why.constData(), __FILE__, __LINE__);
        return {};
    }
    return result->text(0, 0);
}

} // namespace tidemark::test
