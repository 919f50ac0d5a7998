// The desktop host: commands over Tauri's invoke, streams over its channels.
import { Channel, invoke } from "@tauri-apps/api/core";
import type { StreamFrame } from "../bindings/StreamFrame";
import { ApiFailure, type Platform } from "./platform";

export function tauriPlatform(): Platform {
  return {
    async call(command, request) {
      try {
        return await invoke(command, { request });
      } catch (thrown) {
        throw ApiFailure.from(thrown);
      }
    },

    subscribe(stream, onFrame, onState) {
      let wanted = true;
      let id: number | undefined;
      const channel = new Channel<StreamFrame>();
      channel.onmessage = (frame) => {
        if (wanted) onFrame(frame);
      };
      const end = () => {
        // A channel of a window that is gone still accepts frames: the host must be told to stop.
        if (id !== undefined) void invoke("unsubscribe", { id }).catch(() => undefined);
      };
      invoke<number>("subscribe", { stream, channel }).then(
        (given) => {
          id = given;
          if (wanted) onState?.("open");
          else end();
        },
        () => {
          if (wanted) onState?.("lost");
        },
      );
      return () => {
        wanted = false;
        end();
      };
    },

    async openExternal(url) {
      try {
        await invoke("open_address", { address: url });
      } catch (thrown) {
        throw ApiFailure.from(thrown);
      }
    },
  };
}
