// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/localstore.h"

#include <QByteArray>
#include <QHash>

#include <memory>
#include <optional>

namespace tidemark {

/// Small things that should be the same next time: window state, theme, the last page, filters, thresholds. Keys are
/// lower case words with dots ("window.geometry"). What cannot be read is as if it had never been set, and logged: nothing
/// here is worth an error on the screen. May be used from any thread.
class SettingsStore
{
public:
    explicit SettingsStore(std::shared_ptr<LocalStore> store);

    [[nodiscard]] std::optional<QString> text(const QString &key) const;
    [[nodiscard]] std::optional<QByteArray> bytes(const QString &key) const;
    [[nodiscard]] std::optional<qint64> integer(const QString &key) const;
    [[nodiscard]] std::optional<double> real(const QString &key) const;
    [[nodiscard]] std::optional<bool> flag(const QString &key) const;
    /// All that were set as text.
    [[nodiscard]] QHash<QString, QString> texts() const;

    [[nodiscard]] Status setText(const QString &key, const QString &value);
    /// All of them or none.
    [[nodiscard]] Status setTexts(const QHash<QString, QString> &values);
    [[nodiscard]] Status setBytes(const QString &key, const QByteArray &value);
    [[nodiscard]] Status setInteger(const QString &key, qint64 value);
    [[nodiscard]] Status setReal(const QString &key, double value);
    [[nodiscard]] Status setFlag(const QString &key, bool value);
    [[nodiscard]] Status remove(const QString &key);

private:
    std::shared_ptr<LocalStore> m_store;
};

} // namespace tidemark
