// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/store/settingsstore.h"
#include "ui/services/settings.h"

#include <QHash>
#include <QThreadPool>

#include <mutex>

namespace tidemark::ui {

/// Settings in the local store. All are read once, when this is made; from then on reading is reading memory and writing
/// is done by a thread of its own, so that whoever sets a value never waits behind what the watching writes. The
/// destructor waits until all that was set is kept.
class StoredSettings final : public Settings
{
public:
    explicit StoredSettings(std::shared_ptr<LocalStore> store);
    ~StoredSettings() override;

    [[nodiscard]] QString value(const QString &key) const override { return m_values.value(key); }
    void setValue(const QString &key, const QString &value) override;

private:
    void keepPending();

    SettingsStore m_store;
    QHash<QString, QString> m_values;
    std::mutex m_mutex;
    QHash<QString, QString> m_pending; // guarded by m_mutex
    QThreadPool m_writer;
};

} // namespace tidemark::ui
