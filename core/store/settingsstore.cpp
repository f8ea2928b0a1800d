// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/store/settingsstore.h"

#include "core/base/log.h"
#include "core/store/statement.h"

namespace tidemark {

namespace {

/// `type` is SQLite's: a value that was set as something else is none of this kind.
template<typename Value, typename Read>
std::optional<Value> valueOf(const LocalStore &store, const QString &key, const char *type, Read read)
{
    std::optional<Value> value;
    const Status done = store.read([&](SQLite::Database &db) {
        Statement row(db, "SELECT value FROM setting WHERE key = ? AND typeof(value) = ?");
        if (row.bind(key, QString::fromLatin1(type)).next())
            value = read(row);
    });
    if (!done)
        qCWarning(logStore) << "setting" << key << "cannot be read:" << done.error().summary();
    return value;
}

template<typename Value>
Status setValue(LocalStore &store, const QString &key, const Value &value)
{
    return store.write([&](SQLite::Database &db) {
        Statement(db, "INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)").bind(key, value).run();
    });
}

} // namespace

SettingsStore::SettingsStore(std::shared_ptr<LocalStore> store)
    : m_store(std::move(store))
{
}

std::optional<QString> SettingsStore::text(const QString &key) const
{
    return valueOf<QString>(*m_store, key, "text", [](const Statement &row) { return row.text(0); });
}

std::optional<QByteArray> SettingsStore::bytes(const QString &key) const
{
    return valueOf<QByteArray>(*m_store, key, "blob", [](const Statement &row) { return row.bytes(0); });
}

std::optional<qint64> SettingsStore::integer(const QString &key) const
{
    return valueOf<qint64>(*m_store, key, "integer", [](const Statement &row) { return row.integer(0); });
}

std::optional<double> SettingsStore::real(const QString &key) const
{
    return valueOf<double>(*m_store, key, "real", [](const Statement &row) { return row.real(0); });
}

std::optional<bool> SettingsStore::flag(const QString &key) const
{
    return valueOf<bool>(*m_store, key, "integer", [](const Statement &row) { return row.flag(0); });
}

QHash<QString, QString> SettingsStore::texts() const
{
    QHash<QString, QString> values;
    const Status done = m_store->read([&](SQLite::Database &db) {
        Statement rows(db, "SELECT key, value FROM setting WHERE typeof(value) = 'text'");
        while (rows.next())
            values.insert(rows.text(0), rows.text(1));
    });
    if (!done)
        qCWarning(logStore) << "the settings cannot be read:" << done.error().summary();
    return values;
}

Status SettingsStore::setText(const QString &key, const QString &value)
{
    return setValue(*m_store, key, value);
}

Status SettingsStore::setTexts(const QHash<QString, QString> &values)
{
    return m_store->write([&](SQLite::Database &db) {
        Statement row(db, "INSERT OR REPLACE INTO setting (key, value) VALUES (?, ?)");
        for (auto value = values.cbegin(); value != values.cend(); ++value)
            row.bind(value.key(), value.value()).run();
    });
}

Status SettingsStore::setBytes(const QString &key, const QByteArray &value)
{
    return setValue(*m_store, key, value);
}

Status SettingsStore::setInteger(const QString &key, qint64 value)
{
    return setValue(*m_store, key, value);
}

Status SettingsStore::setReal(const QString &key, double value)
{
    return setValue(*m_store, key, value);
}

Status SettingsStore::setFlag(const QString &key, bool value)
{
    return setValue(*m_store, key, value);
}

Status SettingsStore::remove(const QString &key)
{
    return m_store->write(
        [&](SQLite::Database &db) { Statement(db, "DELETE FROM setting WHERE key = ?").bind(key).run(); });
}

} // namespace tidemark
