// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/profilestore.h"

#include "core/store/statement.h"

#include <QJsonArray>
#include <QJsonDocument>

namespace tidemark {

namespace {

/// Before the profile's name: the setting that holds its own alert rules (loadAlertSettings()).
const auto alertsKey = QLatin1String("alerts.of.");

const auto passwordKeyword = QLatin1String("password");
const auto keyPasswordKeyword = QLatin1String("sslpassword");

Error noSuchProfile(const QString &name)
{
    return Error::missing(QStringLiteral("there is no profile named %1").arg(name),
                          QStringLiteral("The profiles are listed under Connect; names are as they were saved."));
}

Profile readProfile(const Statement &row)
{
    Profile profile;
    profile.name = row.text(0);
    // What was saved was written by ConnInfo itself; should it not read back, the profile is there to be mended.
    profile.connInfo = pg::ConnInfo::parse(row.text(1)).value_or(pg::ConnInfo());
    profile.environment = environmentOf(row.text(2)).value_or(Environment::Production);
    profile.safety = safetyOf(row.text(3)).value_or(Safety::ReadOnly);
    const QJsonArray databases = QJsonDocument::fromJson(row.text(4).toUtf8()).array();
    for (const auto &database : databases)
        profile.databases << database.toString();
    profile.interval = row.millis(5);
    profile.budgetPercent = row.real(6);
    profile.connectAtStart = row.flag(7);
    return profile;
}

QString databasesAsText(const Profile &profile)
{
    return QString::fromUtf8(
        QJsonDocument(QJsonArray::fromStringList(profile.databases)).toJson(QJsonDocument::Compact));
}

Status asNameTaken(Status status, const QString &name)
{
    if (!status && status.error().kind == ErrorKind::Constraint)
        return fail(Error::input(QStringLiteral("there is a profile named %1 already").arg(name),
                                 QStringLiteral("Choose another name, or change that profile.")));
    return status;
}

constexpr const char *columns =
    "name, conninfo, environment, safety, databases, interval, budget_percent, connect_at_start";

} // namespace

Result<ConnectionInput> readConnection(const QString &text)
{
    TIDEMARK_TRY(const pg::ConnInfo given, pg::ConnInfo::parse(text));
    ConnectionInput input;
    input.password = given.value(passwordKeyword);
    input.keyPassword = given.value(keyPasswordKeyword);
    input.connInfo = given.with(passwordKeyword, {}).with(keyPasswordKeyword, {});
    return input;
}

Status validate(const Profile &profile)
{
    if (profile.name.trimmed().isEmpty())
        return fail(Error::input(QStringLiteral("a profile needs a name"),
                                 QStringLiteral("Name it after the server, for example prod-eu.")));
    // libpq would read it as a whole connection string, with whatever secret it has in it.
    const QString database = profile.connInfo.value(QStringLiteral("dbname"));
    if (database.contains(QLatin1Char('=')) || database.contains(QLatin1String("://")))
        return fail(Error::input(
            QStringLiteral("the database name of profile %1 is a connection string").arg(profile.name),
            QStringLiteral("Give the connection string as the connection and a plain name as the database.")));
    if (profile.interval <= Millis(0))
        return fail(
            Error::input(QStringLiteral("the interval of profile %1 is not longer than nothing").arg(profile.name)));
    if (!(profile.budgetPercent > 0))
        return fail(
            Error::input(QStringLiteral("the budget of profile %1 is not more than nothing").arg(profile.name)));
    return {};
}

ProfileStore::ProfileStore(std::shared_ptr<LocalStore> store)
    : m_store(std::move(store))
{
}

Result<std::vector<Profile>> ProfileStore::list() const
{
    std::vector<Profile> profiles;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        Statement rows(db, std::string("SELECT ") + columns + " FROM profile ORDER BY name");
        while (rows.next())
            profiles.push_back(readProfile(rows));
    }));
    return profiles;
}

Result<Profile> ProfileStore::find(const QString &name) const
{
    std::optional<Profile> profile;
    TIDEMARK_CHECK(m_store->read([&](SQLite::Database &db) {
        Statement row(db, std::string("SELECT ") + columns + " FROM profile WHERE name = ?");
        if (row.bind(name).next())
            profile = readProfile(row);
    }));
    if (!profile)
        return fail(noSuchProfile(name));
    return *profile;
}

Status ProfileStore::add(const Profile &profile)
{
    TIDEMARK_CHECK(validate(profile));
    return asNameTaken(m_store->write([&](SQLite::Database &db) {
        Statement(db, std::string("INSERT INTO profile (") + columns + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(profile.name.trimmed(), profile.connInfo.withoutPassword(), toWord(profile.environment),
                  toWord(profile.safety), databasesAsText(profile), profile.interval, profile.budgetPercent,
                  profile.connectAtStart)
            .run();
    }),
                       profile.name.trimmed());
}

Status ProfileStore::replace(const QString &name, const Profile &profile)
{
    TIDEMARK_CHECK(validate(profile));
    int replaced = 0;
    TIDEMARK_CHECK(asNameTaken(m_store->write([&](SQLite::Database &db) {
        Statement(db, "UPDATE OR REPLACE setting SET key = ?2 WHERE key = ?1 COLLATE NOCASE")
            .bind(alertsKey + name, alertsKey + profile.name.trimmed())
            .run();
        replaced = Statement(db, std::string("UPDATE profile SET (") + columns
                                     + ") = (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) WHERE name = ?1")
                       .bind(name, profile.name.trimmed(), profile.connInfo.withoutPassword(),
                             toWord(profile.environment), toWord(profile.safety), databasesAsText(profile),
                             profile.interval, profile.budgetPercent, profile.connectAtStart)
                       .run();
    }),
                               profile.name.trimmed()));
    return replaced == 0 ? fail(noSuchProfile(name)) : Status();
}

Status ProfileStore::rename(const QString &name, const QString &newName)
{
    TIDEMARK_TRY(Profile profile, find(name));
    profile.name = newName;
    return replace(name, profile);
}

Status ProfileStore::remove(const QString &name)
{
    int removed = 0;
    TIDEMARK_CHECK(m_store->write([&](SQLite::Database &db) {
        removed = Statement(db, "DELETE FROM profile WHERE name = ?").bind(name).run();
        Statement(db, "DELETE FROM setting WHERE key = ? COLLATE NOCASE").bind(alertsKey + name).run();
    }));
    return removed == 0 ? fail(noSuchProfile(name)) : Status();
}

} // namespace tidemark
